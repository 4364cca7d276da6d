import { constantFrom, oneof, string } from 'fast-check'

/** Strings that look like something else to somebody on the way. */
export const oddText = oneof(
  constantFrom(
    'null',
    'undefined',
    '[object Object]',
    '{}',
    '[]',
    '{"a":1}',
    '[1',
    '|',
    '\\',
    'a|b',
    'c\\|d',
    '',
    ' ',
    'b:',
    'd:c',
    '-0',
    '0',
    '\ud800',
    'x\udfff',
    '__proto__',
    '\u2028',
  ),
  string({ unit: 'binary' }),
  string({ unit: constantFrom('|', '\\', '{', '"', 'a', '0', '.', '-', '~', '^', '$') }),
)
