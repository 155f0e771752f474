import type { Refusal } from "../api/http";
import { type Language, refusalsIn } from "./index";

/** A refusal in the worker's language. One that has no words there is named by its code. */
export function refusalWords(refusal: Pick<Refusal, "code" | "message" | "hint">, language: Language): { message: string; hint: string } {
  if (language === "en") return refusal;
  const [message, hint] = refusalsIn(language)[refusal.code] ?? [`操作未完成（${refusal.code}）。`, "请稍后再试，或联系管理员。"];
  return { message, hint };
}
