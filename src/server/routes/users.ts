import type { Users } from "../../services/users.ts";
import type { Handlers } from "../handlers.ts";

type UserRoutes = "addUser" | "listUsers" | "getUser" | "changeUser";

/** Handlers of `/v1/users`. */
export const userHandlers = (users: Users): Handlers<UserRoutes> => ({
  addUser: ({ body, actor }) => users.add(body, actor),
  listUsers: () => users.list(),
  getUser: ({ params }) => users.get(params.userId),
  changeUser: ({ params, body, actor }) => users.change(params.userId, body, actor),
});
