/**
 * The order of version numbers that Maven defines and Druid uses: parts divided by `.`, `-` or a change
 * between digits and letters; numbers compare as numbers, known qualifiers in the order alpha, beta,
 * milestone, rc, snapshot, none, sp; a number comes after any qualifier; trailing zeros do not count.
 */

/** A number, a qualifier, or the parts behind a dash. */
type Part = bigint | string | Part[];

const qualifiers = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp'];
const aliases: Readonly<Record<string, string>> = { ga: '', final: '', cr: 'rc' };
const shortForms: Readonly<Record<string, string>> = { a: 'alpha', b: 'beta', m: 'milestone' };
const releaseRank = qualifiers.indexOf('');

/** Compares two versions; equal ones may differ in text, such as 1.0 and 1. */
export function compareVersions(a: string, b: string): number {
  return compareParts(readParts(a), readParts(b));
}

/**
 * Cuts a version as Maven 3.6 does, which Druid uses: nothing before a divider is a zero, a dash and a
 * change between digits and letters open a list below the present one.
 */
function readParts(text: string): Part[] {
  const version = text.toLowerCase();
  const root: Part[] = [];
  const lists: Part[][] = [root];
  let list = root;
  let [start, isNumber] = [0, false];
  const open = (): void => {
    const below: Part[] = [];
    list.push(below);
    lists.push(below);
    list = below;
  };
  for (let index = 0; index < version.length; index++) {
    const kind = kindOf(version.charAt(index));
    if (kind === 'divider') {
      list.push(index === start ? 0n : partOf(version.slice(start, index), isNumber));
      start = index + 1;
      if (version[index] === '-') open();
    } else {
      const isDigit = kind === 'digit';
      if (isDigit !== isNumber && index > start) {
        const word = version.slice(start, index);
        list.push(isNumber ? BigInt(word) : (aliases[longForm(word)] ?? longForm(word)));
        start = index;
        open();
      }
      isNumber = isDigit;
    }
  }
  if (version.length > start) list.push(partOf(version.slice(start), isNumber));
  for (const each of lists.reverse()) dropTrailingNulls(each);
  return root;
}

function kindOf(character: string): 'divider' | 'digit' | 'letter' {
  if (character === '.' || character === '-') return 'divider';
  return character >= '0' && character <= '9' ? 'digit' : 'letter';
}

function partOf(word: string, isNumber: boolean): Part {
  return isNumber ? BigInt(word) : (aliases[word] ?? word);
}

/** `a1`, `b1` and `m1` are short for alpha-1, beta-1 and milestone-1. */
function longForm(word: string): string {
  return shortForms[word] ?? word;
}

function dropTrailingNulls(parts: Part[]): void {
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    const isNull = part === 0n || part === '' || (Array.isArray(part) && part.length === 0);
    if (isNull) parts.splice(index, 1);
    else if (!Array.isArray(part)) break;
  }
}

function compareParts(a: Part[], b: Part[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index], b[index]];
    const order = left === undefined ? -compareToAbsent(right) : compareToPart(left, right);
    if (order !== 0) return order;
  }
  return 0;
}

function compareToPart(part: Part, other: Part | undefined): number {
  if (other === undefined) return compareToAbsent(part);
  if (typeof part === 'bigint') {
    if (typeof other === 'bigint') return part < other ? -1 : Number(part > other);
    return 1;
  }
  if (typeof part === 'string') {
    return typeof other === 'string' ? compareQualifiers(part, other) : -1;
  }
  if (Array.isArray(other)) return compareParts(part, other);
  return typeof other === 'bigint' ? -1 : 1;
}

/** How a part compares to nothing: 1.1 is above 1, 1-rc below, 1-sp above; of a list the first part tells. */
function compareToAbsent(part: Part | undefined): number {
  if (part === undefined) return 0;
  if (typeof part === 'bigint') return part === 0n ? 0 : 1;
  if (typeof part === 'string') return compareQualifiers(part, '');
  return compareToAbsent(part[0]);
}

function compareQualifiers(a: string, b: string): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  if (left !== right) return left - right;
  return left <= qualifiers.length - 1 || a === b ? 0 : a < b ? -1 : 1;
}

/** Unknown qualifiers come after all known ones. */
function rankOf(qualifier: string): number {
  const rank = qualifiers.indexOf(qualifier);
  return rank < 0 ? Math.max(qualifiers.length, releaseRank + 1) : rank;
}
