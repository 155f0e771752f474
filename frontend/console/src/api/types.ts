/** The frames of the worker's feed. They mirror `stepin.desk.feeds`. */

export interface Holder {
  kind?: "nobody" | "ai" | "worker";
  id?: string;
}

export type Cause = "technical" | "emotional" | "requested" | "policy" | "risk";

export interface Escalation {
  flag_seq: number;
  cause: Cause;
  state: "raised" | "alerted" | "acknowledged" | "taken" | "declined" | "expired" | "withdrawn";
  raised_us: number;
  score?: number | null;
  reason?: string;
  step?: "owner" | "pool" | "lead" | null;
  to?: string[];
  expires_us?: number | null;
  acknowledged_by?: string | null;
  taken_by?: string | null;
}

export type ActionState =
  | "proposed"
  | "approved"
  | "denied"
  | "expired"
  | "executing"
  | "succeeded"
  | "failed"
  | "unknown";

export interface ActionCard {
  action_id: string;
  state: ActionState;
  tool: string;
  tool_version: string;
  risk: "read" | "reversible" | "money" | "irreversible";
  arguments: Record<string, unknown>;
  records: Record<string, unknown>;
  digest: string;
  proposer: string;
  needs_approval: boolean;
  approver_role: string;
  expires_at_us: number | null;
  seq: number;
}

export interface ChatCard {
  /** When the owner was asked to have a look, 0 if not. */
  look_us?: number;
  chat_id: string;
  seq: number;
  epoch: number;
  episode: "new" | "queued" | "active" | "wrap_up" | "closed";
  holder: Holder;
  owner: string | null;
  group: string | null;
  escalation: Escalation | null;
  actions: ActionCard[];
  customer_id: string;
  customer_name: string | null;
  customer_asserted: boolean;
  channel: string;
  language: string;
  issue_class: string | null;
  previous_chat_id: string | null;
  eligible: boolean | null;
  labels: string[];
  ai_working: boolean;
  opened_us: number;
  queued_us: number;
  waiting_since_us: number | null;
  last_customer_us: number;
  last_public_us: number;
  last_public_author: "customer" | "ai" | "worker" | "system" | "";
  customer_messages: number;
  ai_messages: number;
  worker_messages: number;
  preview: string;
  disposition: string | null;
  close_reason: string | null;
  rating_invited: boolean;
  mood: number[];
}

export interface WorkerCard {
  worker_id: string;
  name: string;
  role: string;
  presence: "available" | "away" | "off";
  groups: string[];
  capacity: number;
  supervised_capacity: number;
  holds: number;
  supervises: number;
}

export interface Entry {
  seq: number;
  at_us: number;
  kind: string;
  actor: string;
  epoch: number;
  data: Record<string, unknown>;
  redacted?: boolean;
}

export interface FloorSnapshot {
  position: number;
  chats: ChatCard[];
  workers: WorkerCard[];
  switches: Record<string, boolean>;
}

export interface FloorUpdate {
  position: number;
  chat?: ChatCard;
  gone?: string;
  entries?: Entry[];
  workers?: WorkerCard[];
  switches?: Record<string, boolean>;
}

export interface ChatView {
  card: ChatCard;
  entries: Entry[];
}

export interface Me {
  worker_id: string;
  name: string;
  role: "worker" | "lead" | "admin";
}

export interface SignedIn extends Me {
  csrf: string;
  attention: boolean;
  supervision: boolean;
  desk: string;
}

export interface PastChat {
  chat_id: string;
  customer_id: string;
  customer_name: string | null;
  episode: ChatCard["episode"];
  issue_class: string | null;
  language: string;
  labels: string[];
  opened_us: number;
  closed_us: number | null;
  close_reason: string | null;
  disposition: string | null;
}

/** A message in which all the words of a search were found. */
export interface Hit {
  chat_id: string;
  seq: number;
  at_us: number;
  author: "customer" | "ai" | "worker" | "system";
  text: string;
}

export interface Searched {
  hits: Hit[];
  before: number | null;
}

export interface CustomerRecord {
  tool: string;
  result: Record<string, unknown>;
}

export interface ToolCard {
  name: string;
  version: string;
  doc: string;
  parameters: {
    properties?: Record<string, { type?: string; description?: string; enum?: string[] }>;
    required?: string[];
  };
  risk: ActionCard["risk"];
  customer_scoped: boolean;
}

export interface PlanPreview {
  tool: string;
  risk: ActionCard["risk"];
  arguments: Record<string, unknown>;
  records: Record<string, unknown>;
  amount: number;
}

export interface Replies {
  replies: { reply_id: string; title: string; text: string; language?: string; group?: string }[];
  labels: string[];
  dispositions: string[];
}

export interface Colleague {
  worker_id: string;
  name: string;
  groups: string[];
  signed_on: boolean;
  away: boolean;
}
