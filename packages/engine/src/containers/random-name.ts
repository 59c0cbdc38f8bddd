const tempers = ["brisk", "calm", "crisp", "fond", "fresh", "gentle", "golden", "hearty", "humble", "jolly", "keen", "lively", "mellow", "merry",
  "mild", "plucky", "proud", "quick", "quiet", "rustic", "savory", "smoky", "spicy", "sunny", "tangy", "tender", "warm", "zesty"];
const dishes = ["biscuit", "bouillon", "broth", "chowder", "chutney", "crumble", "curry", "dumpling", "fritter", "goulash", "gumbo", "kedgeree",
  "lasagna", "muffin", "noodle", "omelet", "paella", "pancake", "pasty", "pickle", "polenta", "porridge", "pretzel", "pudding", "ramen",
  "ravioli", "risotto", "scone", "sorbet", "stew", "taco", "waffle"];

const pick = (words: readonly string[]): string => words[Math.floor(Math.random() * words.length)] as string;

/** A name for a container without one, like `crisp_dumpling`. The 896 names repeat: on a clash take another, with a number. */
export function randomName(attempt = 0): string {
  const name = `${pick(tempers)}_${pick(dishes)}`;
  return attempt === 0 ? name : `${name}${Math.floor(Math.random() * 10 ** Math.min(attempt, 9))}`;
}
