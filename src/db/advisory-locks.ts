/** PostgreSQL's advisory locks that rig takes, all in one place so that no two mean the same. */
export const ADVISORY_LOCKS = { migrations: 7_261_001, audit: 7_261_002 } as const;
