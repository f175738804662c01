/** What differs from one edge's nginx to the other's. */
export interface NginxConf {
  /** Path of ngx_rtmp_module.so; null where the module is built in. */
  readonly modulePath: string | null;
  /** `user` and `group` of nginx's children; null where nginx is not started by root. */
  readonly user: string | null;
  /** Holds nginx.pid and control.sock. Mode 0700: whoever reaches the socket can drop every stream. */
  readonly runFolder: string;
  /** Address that publishers connect to, such as `0.0.0.0`. */
  readonly bind: string;
  readonly rtmpPort: number;
  readonly ipv6: boolean;
  readonly app: string;
  /** nginx's own loopback port, through which its callbacks go: it outlives the agent. */
  readonly hookPort: number;
  /** Where the agent listens for callbacks: http://127.0.0.1:port */
  readonly agentUrl: string;
  /** Belongs to this nginx instance and outlives the agent. */
  readonly hookSecret: string;
}

/** Where nginx answers `/stat` and `/control`. */
export const controlSocket = (runFolder: string): string => `${runFolder}/control.sock`;

/** Where nginx writes its master's process id. */
export const pidFile = (runFolder: string): string => `${runFolder}/nginx.pid`;

/** The documented nginx.conf of an edge. It holds the hook secret: write it 0600. */
export const nginxConf = (
  conf: NginxConf,
): string => `# nginx-rtmp beside rig's agent. Never reload it while a stream is live: the old process's streams leave /stat and /control.
${conf.modulePath ? `load_module ${conf.modulePath};\n` : ""}${conf.user ? `user ${conf.user};\n` : ""}worker_processes 1;  # with more, stat and control reach a random one
pid ${pidFile(conf.runFolder)};
error_log stderr error;  # "info" would print stream keys
events { worker_connections 4096; }
${rtmpBlock(conf)}
${httpBlock(conf)}
`;

/** Where publishers connect, and 127.0.0.1 too where that is another address: relays pull from there. */
const listens = (bind: string, rtmpPort: number): string => {
  const coversLoopback = ["0.0.0.0", "127.0.0.1", "localhost"].includes(bind);
  return [bind, ...(coversLoopback ? [] : ["127.0.0.1"])].map((host) => `listen ${host}:${rtmpPort};`).join(" ");
};

const rtmpBlock = ({ bind, rtmpPort, ipv6, app, hookPort }: NginxConf): string => `rtmp {
  access_log off;  # it would print stream keys
  netcall_timeout 5s; timeout 30s; ping 20s; ping_timeout 10s; max_message 4M;
  max_streams 32;  # 8 and fewer refuse ffmpeg
  server {
    ${listens(bind, rtmpPort)}${ipv6 ? ` listen [::]:${rtmpPort} ipv6only=on;` : ""}
    chunk_size 4096;
    application ${app} {
      live on; wait_key on; wait_video on; idle_streams on; drop_idle_publisher 10s;
      publish_notify off; meta copy; sync 100ms;
      allow play 127.0.0.1; deny play all;
      notify_method post;
      on_publish      http://127.0.0.1:${hookPort}/hook/on_publish;       # 302 Location: <publishId>
      on_publish_done http://127.0.0.1:${hookPort}/soft/on_publish_done;  # never on_update: a dead callback would drop every publisher
      on_play         http://127.0.0.1:${hookPort}/soft/on_play;          # a relay waits
    }
  }
}`;

const httpBlock = ({ runFolder, user, hookPort, agentUrl, hookSecret }: NginxConf): string => `http {
  access_log off;
${user ? "" : ownTempPaths(runFolder)}  server {
    listen 127.0.0.1:${hookPort};
    location /hook/ { proxy_pass ${agentUrl}; proxy_set_header X-Rig-Hook ${hookSecret}; proxy_redirect off; proxy_connect_timeout 1s; proxy_read_timeout 4s; }
    location /soft/ { proxy_pass ${agentUrl}; proxy_set_header X-Rig-Hook ${hookSecret}; proxy_connect_timeout 1s; proxy_read_timeout 1s; error_page 502 504 =204 @ok; }
    location @ok { return 204; }
  }
  server {
    listen unix:${controlSocket(runFolder)};
    location = /stat { rtmp_stat all; }
    location /control { rtmp_control all; }  # not "= /control": that never matches /control/drop/…
  }
}`;

/** An ordinary user cannot write where the distribution's nginx keeps its temporary files. */
const ownTempPaths = (runFolder: string): string =>
  ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${runFolder}/tmp-${kind};\n`)
    .join("");
