/** True in `make test-long`: what a usual run does once or a little is done in full. */
export const IS_LONG = process.env.RIG_TEST_LONG === "1";

/** How often or how much: `usual` in `make test`, `full` in `make test-long`; an environment variable wins over both. */
export const fullCount = (usual: number, full: number, variable?: string): number =>
  Number((variable && process.env[variable]) || (IS_LONG ? full : usual));
