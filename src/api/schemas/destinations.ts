import { z } from "zod";
import { checkDestinationKey } from "../../domain/destination-key.ts";
import { count, id, instant, obeys, secret, text } from "./common.ts";

const KEY_MAX = 900; // what one line of the relay's preset can carry

/** A destination as the API shows it: never with its key. */
export const destinationSchema = z
  .object({
    id,
    streamId: id,
    service: z.string().nullable(),
    server: z.string().nullable(),
    url: z.string(),
    enabled: z.boolean(),
    createdAt: instant,
    revision: count,
    retrySeq: count,
  })
  .meta({ id: "Destination" });

const where = {
  url: text(1024).exactOptional(),
  service: text(64).exactOptional(),
  server: text(64).exactOptional(),
};

interface Where {
  readonly url?: string;
  readonly service?: string;
  readonly server?: string;
}

/** A destination is given by its URL or by a service preset, never by both. */
function checkWhere({ url, service, server }: Where, context: z.core.$RefinementCtx): void {
  const fault = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message, input: undefined });
  if (url !== undefined && service !== undefined) fault("service", "must not stand beside url");
  if (server !== undefined && service === undefined) fault("server", "must stand beside service");
}

const destinationKey = secret(KEY_MAX).superRefine(obeys(checkDestinationKey));

/** `streamKey` is the destination key; the name is the first version's. */
export const newDestinationSchema = z
  .strictObject({ ...where, streamKey: destinationKey })
  .superRefine((given, context) => {
    checkWhere(given, context);
    if (given.url === undefined && given.service === undefined)
      context.addIssue({ code: "custom", path: ["url"], message: "or service is required", params: { missing: true } });
  });

export const destinationChangeSchema = z
  // zod runs a codec under exactOptional even where the field is absent: hence optional
  .strictObject({ ...where, streamKey: destinationKey.optional(), enabled: z.boolean().exactOptional() })
  .superRefine((given, context) => {
    checkWhere(given, context);
    if (Object.keys(given).length === 0)
      context.addIssue({ code: "custom", path: ["body"], message: "must change something", params: { missing: true } });
  });

export const destinationParams = z.strictObject({ destinationId: id });
