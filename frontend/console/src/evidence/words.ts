import type { OwnWords } from "../i18n/own";

const en = {
  title: "Evidence",
  empty: "No report yet",
  emptyText: "`stepin evidence run --out {folder}/NAME` writes one that appears here.",
  all: "All reports",
  hidden: "Closed while the trial runs",
  written: "Written {when}",
  unreadable: "Can't be read: {why}",
  open: "Open",
  trust: "Can you trust it?",
  save: "Save {file}",
  saves: "Files of this report",
  about: "About",
  good: "Fine",
  warn: "Caution",
  bad: "Fails",
  plain: "Note",
  contents: "Questions",
} as const;

export type EvidenceWord = keyof typeof en;

export const words: OwnWords<EvidenceWord> = {
  en,
  zh: {
    title: "实证报告",
    empty: "还没有报告",
    emptyText: "`stepin evidence run --out {folder}/名称` 生成的报告会显示在这里。",
    all: "全部报告",
    hidden: "试验进行中，暂不公开",
    written: "生成于 {when}",
    unreadable: "无法读取：{why}",
    open: "打开",
    trust: "可信吗？",
    save: "保存 {file}",
    saves: "报告文件",
    about: "概况",
    good: "正常",
    warn: "注意",
    bad: "不通过",
    plain: "说明",
    contents: "问题",
  },
};
