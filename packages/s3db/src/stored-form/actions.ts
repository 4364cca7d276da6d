import {
  joinDecimals,
  joinIntegers,
  joinStrings,
  splitDecimals,
  splitIntegers,
  splitStrings,
  splitVector,
} from './arrays.js'
import { decodeBase62, decodeDecimal, encodeBase62, encodeDecimal } from './base62.js'
import {
  decodeCoordinate,
  decodeFixed,
  decodeMoney,
  decodePoint,
  encodeCoordinate,
  encodeFixed,
  encodeMoney,
  encodePoint,
  encodeVector,
} from './fixed-point.js'
import type { HookEntry } from './form.js'
import { decodeIp4, decodeIp6, encodeIp4, encodeIp6 } from './network.js'
import { compressText, decompressText } from './text.js'
import { jsonOrText, onText, type Transform } from './transform.js'

type Parameters = Readonly<Record<string, unknown>>
type MakeTransform = (parameters: Parameters, separator: string) => Transform

const same: Transform = (value) => value
const truths: ReadonlySet<unknown> = new Set([true, 1, 'true', '1', 'yes', 'y'])

/** The hook actions that s3db.js runs when it reads, by name. Binary stays the base64 it is stored as. */
const readActions: Readonly<Record<string, MakeTransform>> = {
  fromBase62: () => readNumber(decodeBase62),
  fromBase62Decimal: () => readNumber(decodeDecimal),
  toBool: () => (value) => truths.has(value),
  fromJSON: () => onText(jsonOrText),
  toArray: (_, separator) => splitStrings(separator),
  toArrayOfNumbers: (_, separator) => splitIntegers(separator),
  toArrayOfDecimals: (_, separator) => splitDecimals(separator),
  toArrayOfEmbeddings: (parameters, separator) => splitVector(separator, places(parameters, 'precision', 6)),
  decodeIPv4: () => decodeIp4,
  decodeIPv6: () => decodeIp6,
  decodeMoney: (parameters) => decodeMoney(places(parameters, 'decimals', 2)),
  decodeDecimalFixed: (parameters) => decodeFixed(places(parameters, 'precision', 2)),
  decodeGeoLatitude: (parameters) => decodeCoordinate(90, places(parameters, 'precision', 6)),
  decodeGeoLongitude: (parameters) => decodeCoordinate(180, places(parameters, 'precision', 6)),
  decodeGeoPointPair: (parameters) => decodePoint(places(parameters, 'precision', 6)),
  decompressText: () => decompressText,
  decodeBuffer: () => same,
  decodeBits: () => same,
  decrypt: () => same,
}

/** The hook actions that s3db.js runs when it writes. Secrets come from the backup encrypted and stay so. */
const writeActions: Readonly<Record<string, MakeTransform>> = {
  toBase62: () => writeNumber(encodeBase62),
  toBase62Decimal: () => writeNumber(encodeDecimal),
  fromBool: () => (value) => (truths.has(value) ? '1' : '0'),
  toJSON: () => (value) => (typeof value === 'string' || value === null ? value : JSON.stringify(value)),
  fromArray: (_, separator) => joinStrings(separator),
  fromArrayOfNumbers: (_, separator) => joinIntegers(separator),
  fromArrayOfDecimals: (_, separator) => joinDecimals(separator),
  fromArrayOfEmbeddings: (parameters) => encodeVector(places(parameters, 'precision', 6)),
  encodeIPv4: () => encodeIp4,
  encodeIPv6: () => encodeIp6,
  encodeMoney: (parameters) => encodeMoney(places(parameters, 'decimals', 2)),
  encodeDecimalFixed: (parameters) => encodeFixed(places(parameters, 'precision', 2)),
  encodeGeoLatitude: (parameters) => encodeCoordinate(90, places(parameters, 'precision', 6)),
  encodeGeoLongitude: (parameters) => encodeCoordinate(180, places(parameters, 'precision', 6)),
  encodeGeoPointPair: (parameters) => encodePoint(places(parameters, 'precision', 6)),
  compressText: (parameters) => compressText(places(parameters, 'threshold', 100)),
  encodeBuffer: () => same,
  encodeBits: () => same,
  encrypt: () => same,
}

/** All reading actions of an attribute as one; undefined when one of them is not known here. */
export function reading(entries: readonly HookEntry[], separator: string): Transform | undefined {
  return chain(readActions, entries, separator)
}

/** All writing actions of an attribute as one; undefined when one of them is not known here. */
export function writing(entries: readonly HookEntry[], separator: string): Transform | undefined {
  return chain(writeActions, entries, separator)
}

export function actionName(entry: HookEntry): string {
  return typeof entry === 'string' ? entry : entry.action
}

function chain(
  table: Readonly<Record<string, MakeTransform>>,
  entries: readonly HookEntry[],
  separator: string,
): Transform | undefined {
  const steps: Transform[] = []
  for (const entry of entries) {
    const name = actionName(entry)
    const make = Object.hasOwn(table, name) ? table[name] : undefined
    if (make === undefined) return undefined
    steps.push(make(typeof entry === 'string' ? {} : entry.params, separator))
  }
  const [only, ...more] = steps
  if (only !== undefined && more.length === 0) return only
  return (value) => steps.reduce((current, step) => step(current), value)
}

function places(parameters: Parameters, name: string, fallback: number): number {
  const value = parameters[name]
  return typeof value === 'number' ? value : fallback
}

/** A number that s3db.js cannot read it takes for absent. */
function readNumber(decode: (text: string) => number): Transform {
  return (value) => {
    if (value === null || value === '' || typeof value === 'number') return value
    if (typeof value !== 'string') return undefined
    const number = decode(value)
    return Number.isNaN(number) ? undefined : number
  }
}

function writeNumber(encode: (number: number) => string): Transform {
  return (value) => {
    if (typeof value === 'number') return encode(value)
    if (typeof value !== 'string' || value === '' || Number.isNaN(Number(value))) return value
    return encode(Number(value))
  }
}
