/** Lean: one platform on one machine, a few dozen connections at most. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "", // a socket path of more than 107 bytes would stop the start in a deep folder
  max_connections: "60",
  shared_buffers: "32MB",
  work_mem: "2MB",
  maintenance_work_mem: "16MB",
  wal_buffers: "1MB",
  max_wal_size: "256MB",
  min_wal_size: "32MB",
  max_wal_senders: "0",
  wal_level: "minimal",
  io_method: "sync", // no processes of its own for reading ahead
  max_worker_processes: "2",
  max_logical_replication_workers: "0",
  max_parallel_workers: "0",
  max_parallel_workers_per_gather: "0",
  autovacuum_max_workers: "1",
  autovacuum_worker_slots: "1",
  jit: "off",
  huge_pages: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_destination: "stderr",
  logging_collector: "off",
  log_line_prefix: "",
  log_min_messages: "warning",
  log_min_error_statement: "panic", // a statement may hold what no log shall
  log_parameter_max_length_on_error: "0",
  log_error_verbosity: "terse", // the detail of a violated constraint shows the row
};

const NOT_DURABLE = { fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "100" };

/** The settings as arguments: they win over the files in the data folder, so an upgrade of rig brings its own. */
export const settingsArguments = ({ durable }: { durable: boolean }): string[] =>
  Object.entries(durable ? SETTINGS : { ...SETTINGS, ...NOT_DURABLE }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
