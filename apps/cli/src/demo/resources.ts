import type { S3db } from 's3db.js'
import type { DemoRecord } from './compare.js'
import {
  type Chance,
  chance,
  cities,
  firstNames,
  lastNames,
  sentences,
  streets,
  tags,
  things,
} from './words.js'

/** A resource of the demo's database, with everything that is put into it. */
export interface DemoResource {
  readonly name: string
  readonly attributes: Parameters<S3db['createResource']>[0]['attributes']
  readonly behavior?: 'body-overflow'
  readonly partitions?: Readonly<Record<string, { readonly fields: Readonly<Record<string, string>> }>>
  readonly records: readonly DemoRecord[]
}

/** Six resources, each with something that a backup can get wrong. The same records each time. */
export function demoResources(): DemoResource[] {
  return [customers(700), products(300), orders(900), articles(60), accounts(6), readings(600)]
}

function customers(count: number): DemoResource {
  return {
    name: 'customers',
    attributes: {
      name: 'string|required',
      email: 'string',
      country: 'string',
      address: { street: 'string', city: 'string', geo: { lat: 'number', lon: 'number' } },
      vip: 'boolean',
      since: 'dateonly',
    },
    partitions: { byCountry: { fields: { country: 'string' } } },
    records: generate('customer', count, (random, id) => {
      const { city, country } = random.pick(cities)
      return {
        id,
        name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
        email: `${id}@example.com`,
        country,
        address: {
          street: `${random.pick(streets)} ${random.whole(1, 200)}`,
          city,
          geo: { lat: random.whole(-900000, 900000) / 10000, lon: random.whole(-1800000, 1800000) / 10000 },
        },
        vip: random.whole(0, 9) === 0,
        since: day(random),
      }
    }),
  }
}

function products(count: number): DemoResource {
  return {
    name: 'products',
    attributes: {
      title: 'string|required',
      price: 'number',
      stock: 'number',
      tags: 'array|items:string',
      size: { width: 'number', height: 'number', unit: 'string' },
    },
    records: generate('product', count, (random, id) => ({
      id,
      title: `${random.pick(things)} ${random.whole(1, 999)}`,
      price: random.whole(1, 99999) / 100,
      stock: random.whole(0, 100000),
      tags: random.some(tags, 4),
      size: { width: random.whole(1, 500) / 10, height: random.whole(1, 500) / 10, unit: 'cm' },
    })),
  }
}

function orders(count: number): DemoResource {
  return {
    name: 'orders',
    attributes: {
      customer: 'string|required',
      status: 'string',
      placedAt: 'datetime',
      items: 'json',
      total: 'number',
      note: 'string|optional',
    },
    partitions: { byStatus: { fields: { status: 'string' } } },
    records: generate('order', count, (random, id) => {
      const placedAt = `${day(random)}T${two(random.whole(0, 23))}:${two(random.whole(0, 59))}:07.${random.whole(100, 999)}Z`
      const items = Array.from({ length: random.whole(1, 4) }, () => ({
        product: number('product', random.whole(1, 300)),
        quantity: random.whole(1, 9),
        price: random.whole(1, 99999) / 100,
      }))
      return {
        id,
        customer: number('customer', random.whole(1, 700)),
        status: random.pick(['new', 'paid', 'shipped', 'returned']),
        placedAt,
        items,
        total: Math.round(items.reduce((sum, { quantity, price }) => sum + quantity * price * 100, 0)) / 100,
        ...(random.whole(0, 3) === 0 ? { note: random.pick(sentences) } : {}),
      }
    }),
  }
}

/** Longer than the 2 KB that S3 has for metadata, so that they go into the body. */
function articles(count: number): DemoResource {
  return {
    name: 'articles',
    attributes: { title: 'string|required', text: 'string', words: 'number' },
    behavior: 'body-overflow',
    records: generate('article', count, (random, id) => {
      const text = Array.from({ length: random.whole(50, 150) }, () => random.pick(sentences)).join(' ')
      return {
        id,
        title: `${random.pick(things)}: ${random.pick(tags)}`,
        text,
        words: text.split(' ').length,
      }
    }),
  }
}

/** Few records: s3db.js stretches the passphrase again for each secret, which takes a tenth of a second. */
function accounts(count: number): DemoResource {
  return {
    name: 'accounts',
    attributes: { owner: 'string|required', apiToken: 'secret' },
    records: generate('account', count, (random, id) => ({
      id,
      owner: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
      apiToken: `tok_${random.whole(1e8, 1e9)}_ünïcödé_🔑`,
    })),
  }
}

function readings(count: number): DemoResource {
  return {
    name: 'readings',
    attributes: {
      sensor: 'string|required',
      at: 'datetime',
      celsius: 'number',
      volts: 'number',
      raised: 'number',
    },
    records: generate('reading', count, (random, id) => ({
      id,
      sensor: `sensor-${random.whole(1, 9)}`,
      at: `${day(random)}T00:00:00.000Z`,
      celsius: random.whole(-4000, 6000) / 100,
      volts: random.pick([0, -0.5, 0.1, 0.0625, Number.MAX_SAFE_INTEGER, 12.000001]),
      raised: random.whole(0, 1e9),
    })),
  }
}

function generate(
  kind: string,
  count: number,
  make: (random: Chance, id: string) => DemoRecord,
): DemoRecord[] {
  const random = chance([...kind].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7))
  return Array.from({ length: count }, (_, index) => make(random, number(kind, index + 1)))
}

function number(kind: string, index: number): string {
  return `${kind}-${String(index).padStart(4, '0')}`
}

function day(random: Chance): string {
  return `${random.whole(2019, 2026)}-${two(random.whole(1, 12))}-${two(random.whole(1, 28))}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
