/** Something that the palette can do. */
export interface Choice {
  id: string;
  words: string;
  /** What it is found by besides. */
  more?: string;
  hint: string;
  go: () => void;
}

/** The choices in which every typed word begins a word, best first: in the name before elsewhere, in the given order. */
export function matching(choices: readonly Choice[], typed: string): Choice[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const within = (text: string) => {
    const lower = text.toLowerCase();
    return words.every(
      (word) => lower.split(/[\s·,.:/_-]+/).some((part) => part.startsWith(word)) || (/\p{Script=Han}/u.test(word) && lower.includes(word)),
    );
  };
  const inName = choices.filter((choice) => within(choice.words));
  const elsewhere = choices.filter((choice) => !inName.includes(choice) && within(`${choice.words} ${choice.more ?? ""}`));
  return [...inName, ...elsewhere];
}
