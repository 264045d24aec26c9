/** Lays out JSON for people while it streams by, for `?pretty`. */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const space = 0x20;
const lineFeed = 0x0a;

/** Indents JSON by two spaces a level; one instance for each document. */
export class JsonIndenter {
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** An opening bracket was just written; the line breaks unless it closes at once. */
  #isFresh = false;

  /** Lays out the next chunk, wherever the document was cut. @returns freshly allocated */
  indent(chunk: Uint8Array): Uint8Array {
    const out: number[] = [];
    for (const byte of chunk) {
      if (this.#isInString) this.#copyInString(byte, out);
      else if (byte > space) this.#layOut(byte, out);
    }
    return Uint8Array.from(out);
  }

  #copyInString(byte: number, out: number[]): void {
    out.push(byte);
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === backslash) this.#isEscaped = true;
    else if (byte === quote) this.#isInString = false;
  }

  #layOut(byte: number, out: number[]): void {
    const closes = byte === 0x5d || byte === 0x7d;
    if (closes) this.#depth--;
    if (closes !== this.#isFresh) this.#breakLine(out);
    this.#isFresh = byte === 0x5b || byte === 0x7b;
    if (this.#isFresh) this.#depth++;
    out.push(byte);
    if (byte === comma) this.#breakLine(out);
    else if (byte === colon) out.push(space);
    else if (byte === quote) this.#isInString = true;
  }

  #breakLine(out: number[]): void {
    out.push(lineFeed);
    for (let column = 0; column < this.#depth * 2; column++) out.push(space);
  }
}
