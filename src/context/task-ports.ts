import type { Etcd } from "../etcd/client.ts";
import { etcdTaskBoard, etcdTaskMoves } from "../etcd/tasks/desk.ts";
import { etcdTaskQueue } from "../etcd/tasks/enqueue.ts";
import { systemIds } from "../runtime/ids.ts";

/** What the command line needs of one etcd's tasks. */
export const taskPorts = (etcd: Etcd) => ({
  board: etcdTaskBoard(etcd),
  moves: etcdTaskMoves(etcd, systemIds.ulid),
  queue: etcdTaskQueue(etcd, { newId: systemIds.ulid }),
});
