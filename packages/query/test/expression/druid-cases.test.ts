/** Druid's own answers for native expressions, for the functions that exist here; the others are printed. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Expression, ExpressionValue } from '../../src/index.ts';
import { evaluateExpression, parseExpression } from '../../src/index.ts';

interface Cases {
  readonly bindings: Readonly<Record<string, unknown>>;
  readonly types: Readonly<Record<string, string>>;
  readonly cases: readonly { expression: string; expected: unknown; javaType: string }[];
}

const shared =
  process.env['ISOTHERM_TEST_SHARED'] ??
  fileURLToPath(new URL('../../../../../shared', import.meta.url));
const path = `${shared}/conformance/expr_cases.json`;

if (!existsSync(path)) {
  const reason = 'The folder ../shared with test material is not beside this checkout.';
  it.skipIf(process.env['ISOTHERM_TEST_REQUIRE'] !== 'all')(`skipped: ${reason}`, () => {
    expect(existsSync(path)).toBe(true);
  });
} else {
  // The file is ours and has this shape.
  const { bindings, types, cases } = JSON.parse(readFileSync(path, 'utf8')) as Cases;
  const values = new Map(
    Object.entries(bindings).map(([name, value]) => [name, bindingOf(value, types[name] ?? '')]),
  );
  const missing = new Set<string>();
  const known = cases.flatMap((one) => {
    const expression = parseOrNote(one.expression, missing);
    return expression === null ? [] : [{ ...one, parsed: expression }];
  });

  describe("Druid's answer", () => {
    it.each(known)('$expression', ({ parsed, expected, javaType }) => {
      const value = evaluateExpression(parsed, (name) => values.get(name) ?? null);
      expect(jsonOf(value)).toEqual(jsonOf(javaValue(expected, javaType)));
    });

    it('covers all but the functions listed here', () => {
      console.log(`not yet: ${[...missing].sort().join(', ')} (${cases.length - known.length})`);
      expect(known.length).toBeGreaterThanOrEqual(110);
    });
  });
}

/** Syntax that is not read: typed list literals, lambdas; and names of functions that are not there. */
function parseOrNote(text: string, missing: Set<string>): Expression | null {
  if (text.includes('->') || text.includes('<LONG>') || text.includes('<DOUBLE>')) {
    missing.add('lambdas and typed lists');
    return null;
  }
  if (text.includes('nestedArray')) {
    missing.add('nested columns');
    return null;
  }
  try {
    return parseExpression(text);
  } catch (error) {
    const name = /unknown function "(.*?)"/.exec(String(error))?.[1];
    if (name === undefined) throw error;
    missing.add(name);
    return null;
  }
}

function bindingOf(value: unknown, type: string): ExpressionValue {
  if (Array.isArray(value)) {
    const item = type.replace(/^ARRAY<(.*)>$/, '$1');
    return value.map((part) => bindingOf(part, item));
  }
  if (type.startsWith('LONG')) return BigInt(String(value));
  return type.startsWith('DOUBLE') ? Number(value) : String(value);
}

function javaValue(value: unknown, javaType: string): ExpressionValue {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((item) => javaValue(item, javaType.replace('[]', '')));
  // A case file read as JSON rounds the largest longs; their text is what both sides show.
  if (javaType === 'Long') return BigInt(value as number);
  return javaType === 'Double' ? Number(value) : (value as string);
}

/** Longs past 2^53 are compared as doubles, for the file's longs were read as such. */
function jsonOf(value: ExpressionValue): unknown {
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value === 'bigint') return { long: Number(value) };
  return value;
}
