import { inspect } from 'node:util'

/** Texts that are in no program and no documentation, so that finding one anywhere means that it leaked. */
export const canaries = {
  accessKeyId: 'CANARYACCESSKEY00001',
  secretAccessKey: 'canary/secret+Access=Key0123456789abcdef',
  sessionToken: 'canarySessionToken//0123456789==',
  password: 'canary-p4ssw0rd-in-an-address',
  passphrase: 'canary lantern orbits a violet harbour 7319',
  rawKey: Buffer.from('canary: raw key of 32 bytes!! 01').toString('base64'),
  record: 'canary-content-of-a-record-1d9f',
  otherRecord: 'canary-content-that-is-new-77aa',
} as const

/** Each canary as it is, and as it may be written. */
const spellings = new Map(
  Object.entries(canaries).map(([name, text]) => [
    name,
    [
      ...[
        text,
        encodeURIComponent(text),
        encodeURIComponent(encodeURIComponent(text)),
        JSON.stringify(text).slice(1, -1),
      ],
      ...[Buffer.from(text).toString('base64').slice(0, 24), Buffer.from(text).toString('hex')],
    ],
  ]),
)

/** The names of the canaries that are in a text. */
export function leaksIn(text: string): string[] {
  return [...spellings].filter(([, all]) => all.some((one) => text.includes(one))).map(([name]) => name)
}

/** Everything that any way of printing gets out of a value, its causes and its fields included. */
export function printed(value: unknown): string {
  const deep = {
    depth: 12,
    showHidden: true,
    getters: true,
    maxArrayLength: 2000,
    maxStringLength: null,
  } as const
  const more = value instanceof Error ? [String(value.stack), printed(value.cause)] : []
  return [inspect(value, deep), inJson(value), String(value), ...more].join('\n')
}

function inJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Circular values have no JSON; `inspect` has already shown them.
    return ''
  }
}
