import type { Language } from "./index";

const ZH: Record<string, string> = {
  ChatOpened: "会话开始",
  EligibilityAssessed: "已判断是否适合 AI",
  OwnerSet: "负责人变更",
  HolderChanged: "接待方变更",
  MessagePosted: "发送消息",
  LabelsChanged: "标签变更",
  WhisperSent: "悄悄话",
  TurnStarted: "AI 开始处理",
  TurnFinished: "AI 处理完成",
  TurnFailed: "AI 处理失败",
  DraftDiscarded: "草稿作废",
  WrapUpStarted: "开始收尾",
  WrapUpEnded: "收尾结束",
  ChatClosed: "会话结束",
  RatingInvited: "邀请评价",
  TextRedacted: "内容已删除",
  ActionProposed: "提出操作",
  ActionApproved: "操作获批",
  ActionEdited: "操作被修改",
  ActionDenied: "操作被拒",
  ActionExpired: "操作过期",
  ActionStarted: "操作开始",
  ActionSucceeded: "操作成功",
  ActionFailed: "操作失败",
  ActionUnknown: "操作结果未知",
  ActionReconciled: "操作已核实",
  FlagRaised: "发出警示",
  AlertShown: "提醒已送达",
  AlertAcknowledged: "提醒已查看",
  EscalationTaken: "已有人接手",
  EscalationDeclined: "交还 AI 处理",
  EscalationExpired: "提醒超时",
  EscalationWithdrawn: "提醒撤回",
};

/** An event's kind in words. */
export function kindWords(kind: string, language: Language): string {
  if (language === "zh" && ZH[kind]) return ZH[kind];
  const words = kind.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
