import { invalidInput } from "./errors.ts";

/** The server that is meant where none is named. */
const DEFAULT_SERVER = "default";

/** Streaming services that a destination may be given by: name, then server code, then URL. Encrypted where the service offers it. */
export const SERVICE_PRESETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  YouTube: {
    default: "rtmps://a.rtmps.youtube.com/live2",
    backup: "rtmps://b.rtmps.youtube.com/live2?backup=1",
  },
  Twitch: {
    default: "rtmps://ingest.global-contribute.live-video.net/app",
    SIN: "rtmp://sin.contribute.live-video.net/app",
    AMS: "rtmp://ams.contribute.live-video.net/app",
    LON: "rtmp://lhr.contribute.live-video.net/app",
    NYC: "rtmp://jfk.contribute.live-video.net/app",
    SFO: "rtmp://sfo.contribute.live-video.net/app",
  },
};

/** A preset by its names as they are spelt in the table. */
export interface ServicePreset {
  readonly service: string;
  readonly server: string;
  readonly url: string;
}

/** Finds a preset; upper and lower case are alike. @throws RigError INVALID_INPUT that lists what there is */
export function findPreset(service: string, server: string = DEFAULT_SERVER): ServicePreset {
  const [serviceName, servers] = pick("service", service, SERVICE_PRESETS);
  const [serverName, url] = pick("server", server, servers);
  return { service: serviceName, server: serverName, url };
}

function pick<T>(field: string, name: string, table: Readonly<Record<string, T>>): [string, T] {
  const found = Object.entries(table).find(([known]) => known.toLowerCase() === name.toLowerCase());
  if (!found) throw invalidInput(field, `must be one of ${Object.keys(table).join(", ")}, got ${JSON.stringify(name)}`);
  return found;
}
