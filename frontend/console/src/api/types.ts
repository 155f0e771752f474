/** Short names for what the server's own document calls its types; nothing is written by hand. */
import type { components } from "./schema";

export type Schemas = components["schemas"];

export type ActionCard = Schemas["ActionCard"];
export type ChatCard = Schemas["ChatCard"];
export type ChatView = Schemas["ChatView"];
export type Draft = Schemas["Draft"];
export type Entry = Schemas["Entry"];
export type FloorUpdate = Schemas["FloorUpdate"];
export type FloorView = Schemas["FloorView"];
export type PastChat = Schemas["PastChat"];
export type SignedIn = Schemas["SignedIn"];
export type WorkerCard = Schemas["WorkerCard"];
export type Me = Pick<SignedIn, "worker_id" | "name" | "role">;
