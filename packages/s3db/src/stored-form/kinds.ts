import {
  decodeArticle,
  decodeColor,
  decodePhone,
  decodeSemver,
  decodeUuid,
  encodeArticle,
  encodeColor,
  encodePhone,
  encodeSemver,
  encodeUuid,
} from './identifiers.js'
import { decodeCidr, decodeMac, encodeCidr, encodeMac } from './network.js'
import {
  decodeDate,
  decodeDateTime,
  decodeDuration,
  decodeTime,
  encodeDate,
  encodeDateTime,
  encodeDuration,
  encodeTime,
} from './time.js'

/** An attribute type that s3db.js stores in a form of its own without a hook. Both steps are given texts with content. */
export interface Kind {
  read(text: string): unknown
  write(text: string): unknown
}

const named: Readonly<Record<string, Kind>> = {
  uuid: { read: decodeUuid, write: encodeUuid },
  timeonly: { read: decodeTime, write: encodeTime },
  mac: { read: decodeMac, write: encodeMac },
  cidr: { read: decodeCidr, write: encodeCidr },
  semver: { read: decodeSemver, write: encodeSemver },
  phone: { read: decodePhone, write: encodePhone },
  color: { read: decodeColor, write: encodeColor },
  duration: { read: decodeDuration, write: encodeDuration },
  ean: { read: decodeArticle, write: encodeArticle },
}

const dateTime: Kind = { read: decodeDateTime, write: encodeDateTime }
const date: Kind = { read: decodeDate, write: encodeDate }

/**
 * The kind of a definition such as `uuid|optional`. s3db.js looks for the two date types anywhere in the
 * definition and for the others at its start; so does this.
 */
export function kindOf(definition: string): Kind | undefined {
  const [type = ''] = definition.split('|')
  if (type === 'uuid') return named.uuid
  if (definition.includes('datetime')) return dateTime
  if (definition.includes('dateonly')) return date
  return Object.hasOwn(named, type) ? named[type] : undefined
}
