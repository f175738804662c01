import { Etcd3 } from "etcd3";
import type { EtcdMember } from "./etcd-member.ts";

/** An administrator's hand on a real etcd. */
export interface EtcdAdmin {
  /** Lets the user `edge` read and write what begins with this. */
  allow(prefix: string): Promise<void>;
  forbid(prefix: string): Promise<void>;
  setPassword(password: string): Promise<void>;
  enable(): Promise<void>;
}

/** Makes the users `root` and `edge` (of role `edge`), both with password `pw`; Auth is off until `enable`. */
export async function addUsers({ endpoint }: Pick<EtcdMember, "endpoint">): Promise<EtcdAdmin> {
  const plain = new Etcd3({ hosts: endpoint });
  await plain.role("root").create();
  await plain.role("edge").create();
  for (const name of ["root", "edge"]) {
    await plain.user(name).create("pw");
    await plain.user(name).addRole(name);
  }
  plain.close();
  let isOn = false;
  /** A token of its own each time: a JWT is old after the change before. */
  const asRoot = async <T>(work: (etcd: Etcd3) => Promise<T>): Promise<void> => {
    const etcd = new Etcd3({ hosts: endpoint, ...(isOn && { auth: { username: "root", password: "pw" } }) });
    try {
      await work(etcd);
    } finally {
      etcd.close();
    }
  };
  const permission = (etcd: Etcd3, prefix: string) => ({
    permission: "Readwrite" as const,
    range: etcd.range({ prefix }),
  });
  return {
    allow: (prefix) => asRoot((etcd) => etcd.role("edge").grant(permission(etcd, prefix))),
    forbid: (prefix) => asRoot((etcd) => etcd.role("edge").revoke(permission(etcd, prefix))),
    setPassword: (password) => asRoot((etcd) => etcd.user("edge").setPassword(password)),
    async enable() {
      await asRoot((etcd) => etcd.auth.authEnable());
      isOn = true;
    },
  };
}
