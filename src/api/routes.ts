import { z } from "zod";
import { type Route, route } from "./route.ts";
import {
  destinationChangeSchema,
  destinationParams,
  destinationSchema,
  newDestinationSchema,
} from "./schemas/destinations.ts";
import {
  agentSchema,
  publishAttemptSchema,
  publishEndSchema,
  publishGrantSchema,
  publishParams,
  targetsSchema,
  usageAnswersSchema,
  usageReportsSchema,
} from "./schemas/publishes.ts";
import {
  addedStreamSchema,
  droppedSchema,
  newStreamKeySchema,
  newStreamSchema,
  streamParams,
  streamStatusSchema,
  streamsQuery,
} from "./schemas/streams.ts";
import { usageQuery, userUsageSchema } from "./schemas/usage.ts";
import { newUserSchema, userChangeSchema, userParams, userSchema } from "./schemas/users.ts";
import { TOKEN_ROUTES } from "./token-routes.ts";

const USAGE_LIMIT_BYTES = 2 * 1024 * 1024; // 2,000 publishes with 5 destinations each

/** The contract of `/v1`: every route there is, and who may call it. spec/v1/openapi.yaml is made from it. */
export const ROUTES = {
  addUser: route({
    method: "POST",
    path: "/v1/users",
    policy: "operator",
    summary: "Adds a user",
    body: newUserSchema,
    output: userSchema,
    status: 201,
    errors: ["ALREADY_EXISTS"],
  }),
  listUsers: route({
    method: "GET",
    path: "/v1/users",
    policy: "operator",
    summary: "Lists all users",
    output: z.array(userSchema).readonly(),
  }),
  getUser: route({
    method: "GET",
    path: "/v1/users/:userId",
    policy: "operator",
    summary: "Shows a user, by id or username",
    params: userParams,
    output: userSchema,
    errors: ["USER_NOT_FOUND"],
  }),
  changeUser: route({
    method: "PATCH",
    path: "/v1/users/:userId",
    policy: "operator",
    summary: "Disables or enables a user, or changes the quota; disabling drops the user's live publishes",
    params: userParams,
    body: userChangeSchema,
    output: userSchema,
    errors: ["USER_NOT_FOUND"],
  }),
  addStream: route({
    method: "POST",
    path: "/v1/streams",
    policy: "operator",
    summary: "Adds a stream; its stream key is shown this once",
    body: newStreamSchema,
    output: addedStreamSchema,
    status: 201,
    errors: ["USER_NOT_FOUND"],
  }),
  listStreams: route({
    method: "GET",
    path: "/v1/streams",
    policy: "operator",
    summary: "Lists streams with what they do now",
    query: streamsQuery,
    output: z.array(streamStatusSchema).readonly(),
    errors: ["USER_NOT_FOUND"],
  }),
  getStream: route({
    method: "GET",
    path: "/v1/streams/:streamId",
    policy: "operator",
    summary: "Shows a stream with what it does now",
    params: streamParams,
    output: streamStatusSchema,
    errors: ["STREAM_NOT_FOUND"],
  }),
  changeStreamKey: route({
    method: "POST",
    path: "/v1/streams/:streamId/key",
    policy: "operator",
    summary: "Changes the stream key: the old ones are revoked, and a publish that uses one is dropped",
    params: streamParams,
    output: newStreamKeySchema,
    errors: ["STREAM_NOT_FOUND"],
  }),
  dropStream: route({
    method: "POST",
    path: "/v1/streams/:streamId/drop",
    policy: "operator",
    summary: "Disconnects the stream's publisher",
    params: streamParams,
    output: droppedSchema,
    errors: ["STREAM_NOT_FOUND"],
  }),
  addDestination: route({
    method: "POST",
    path: "/v1/streams/:streamId/destinations",
    policy: "operator",
    summary: "Adds a destination, by URL or by service preset; a live stream is pushed to it at once",
    params: streamParams,
    body: newDestinationSchema,
    output: destinationSchema,
    status: 201,
    errors: ["STREAM_NOT_FOUND"],
  }),
  listDestinations: route({
    method: "GET",
    path: "/v1/streams/:streamId/destinations",
    policy: "operator",
    summary: "Lists a stream's destinations",
    params: streamParams,
    output: z.array(destinationSchema).readonly(),
    errors: ["STREAM_NOT_FOUND"],
  }),
  changeDestination: route({
    method: "PATCH",
    path: "/v1/destinations/:destinationId",
    policy: "operator",
    summary: "Changes, enables or disables a destination; only its own relay is restarted",
    params: destinationParams,
    body: destinationChangeSchema,
    output: destinationSchema,
    errors: ["DESTINATION_NOT_FOUND"],
  }),
  removeDestination: route({
    method: "DELETE",
    path: "/v1/destinations/:destinationId",
    policy: "operator",
    summary: "Removes a destination and stops its relay",
    params: destinationParams,
    output: z.null(),
    errors: ["DESTINATION_NOT_FOUND"],
  }),
  retryDestination: route({
    method: "POST",
    path: "/v1/destinations/:destinationId/retry",
    policy: "operator",
    summary: "Lets a waiting or rejected relay try at once",
    params: destinationParams,
    output: destinationSchema,
    errors: ["DESTINATION_NOT_FOUND"],
  }),
  listUsage: route({
    method: "GET",
    path: "/v1/usage",
    policy: "operator",
    summary: "Lists what users used in a month",
    query: usageQuery,
    output: z.array(userUsageSchema).readonly(),
    errors: ["USER_NOT_FOUND"],
  }),
  listAgents: route({
    method: "GET",
    path: "/v1/agents",
    policy: "operator",
    summary: "Lists the agents that are there now",
    output: z.array(agentSchema).readonly(),
  }),
  startPublish: route({
    method: "POST",
    path: "/v1/publishes",
    policy: "agent",
    summary: "Decides on a publish before a byte of media is taken",
    body: publishAttemptSchema,
    output: publishGrantSchema,
    status: 201,
    errors: [
      "STREAM_KEY_UNKNOWN",
      "STREAM_KEY_REVOKED",
      "STREAM_KEY_EXPIRED",
      "USER_DISABLED",
      "STREAM_IN_USE",
      "NO_SLOTS",
    ],
  }),
  getTargets: route({
    method: "GET",
    path: "/v1/publishes/:publishId/targets",
    policy: "agent",
    summary: "Gives the present targets of one of the agent's own publishes, with their destination keys",
    params: publishParams,
    output: targetsSchema,
    errors: ["PUBLISH_NOT_FOUND"],
  }),
  endPublish: route({
    method: "POST",
    path: "/v1/publishes/:publishId/end",
    policy: "agent",
    summary: "Ends one of the agent's own publishes; the first end stands",
    params: publishParams,
    body: publishEndSchema,
    output: z.null(),
    repeatable: true,
    errors: ["PUBLISH_NOT_FOUND"],
  }),
  reportUsage: route({
    method: "POST",
    path: "/v1/usage",
    policy: "agent",
    summary: "Records cumulative usage; a repeated report adds nothing",
    body: usageReportsSchema,
    bodyLimitBytes: USAGE_LIMIT_BYTES,
    output: usageAnswersSchema,
    repeatable: true,
  }),
  ...TOKEN_ROUTES,
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof ROUTES;

type Schema<T> = T extends z.ZodType ? z.output<T> : null;

/** What a caller of a route says, in the domain's form. */
export interface RouteInput<N extends RouteName> {
  readonly params: Schema<(typeof ROUTES)[N]["params"]>;
  readonly query: Schema<(typeof ROUTES)[N]["query"]>;
  readonly headers: Schema<(typeof ROUTES)[N]["headers"]>;
  readonly body: Schema<(typeof ROUTES)[N]["body"]>;
}

/** What a route answers, in the domain's form. */
export type RouteOutput<N extends RouteName> = z.output<(typeof ROUTES)[N]["output"]>;
