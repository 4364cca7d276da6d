import fc, { type AsyncCommand } from 'fast-check'
import type { Attributes, Database } from './real-database.js'
import { definition, type World } from './world.js'

/** What decides whether a command makes sense. */
export interface Model {
  points: number
  fulls: number
}

type Step = (world: World, model: Model) => Promise<unknown>

function command(
  name: string,
  run: Step,
  check: (model: Model) => boolean = () => true,
): AsyncCommand<Model, World> {
  return {
    check: (model) => check(model),
    run: async (model, world) => {
      await run(world, model)
    },
    toString: () => name,
  }
}

const names = ['users', 'orders', 'notes'] as const
const resource = fc.constantFrom(...names)
const id = fc.constantFrom('a', 'b', 'B', 'é', '\uffee', '😀', 'lock')
const kind = fc.constantFrom('x', 'y', 'é', 'x/y')
const text = fc.oneof(fc.string({ maxLength: 5 }), fc.constant('null'), fc.constant('T'.repeat(3000)))

const attributes = (extra: readonly string[] = []): Attributes => ({
  kind: 'string|optional',
  text: 'string|optional',
  ...Object.fromEntries(extra.map((name) => [name, 'string|optional'])),
})

/** The resource, made if it is not there. */
async function ensure(database: Database, name: string) {
  return (
    database.resources[name] ?? database.createResource({ ...definition(name), attributes: attributes() })
  )
}

async function has(database: Database, name: string, id: string): Promise<boolean> {
  return database.client.exists(`resource=${name}/data/id=${id}`)
}

const insert = fc.record({ resource, id, kind, text }).map(({ resource, id, ...fields }) =>
  command(`insert ${resource}/${id}`, async (world) => {
    const target = await ensure(world.database(), resource)
    if (await has(world.database(), resource, id)) await target.update(id, fields)
    else await target.insert({ id, ...fields })
  }),
)

const change = fc
  .record({ resource, id, kind, how: fc.constantFrom('update', 'patch', 'setContent', 'again') })
  .map(({ resource, id, kind, how }) =>
    command(`${how} ${resource}/${id}`, async (world) => {
      const database = world.database()
      if (!(await has(database, resource, id))) return
      const target = await ensure(database, resource)
      if (how === 'update') await target.update(id, { kind })
      else if (how === 'patch') await target.patch(id, { kind })
      else if (how === 'setContent')
        await target.setContent({ id, buffer: `content ${kind}`, contentType: 'text/plain' })
      else {
        const { metadata, body, type } = await stored(database, resource, id)
        await target.delete(id)
        await database.client.putObject({
          key: `resource=${resource}/data/id=${id}`,
          metadata,
          body,
          contentType: type,
        })
      }
    }),
  )

async function stored(database: Database, resource: string, id: string) {
  const { Metadata, Body, ContentType } = await database.client.getObject(
    `resource=${resource}/data/id=${id}`,
  )
  const body = Buffer.from((await Body?.transformToByteArray?.()) ?? [])
  return { metadata: { ...Metadata }, body, type: ContentType ?? 'application/octet-stream' }
}

const drop = fc.record({ resource, id }).map(({ resource, id }) =>
  command(`delete ${resource}/${id}`, async (world) => {
    if (await has(world.database(), resource, id)) await (await ensure(world.database(), resource)).delete(id)
  }),
)

const count = fc.nat(9).map((value) =>
  command(`counter = ${value}`, async (world) => {
    await ensure(world.database(), 'orders')
    await world.database().client.putObject({
      key: 'resource=orders/sequence=number/value',
      metadata: { value: String(value) },
      body: '',
      contentType: 'application/json',
    })
  }),
)

/** s3db.js has no way to remove a resource for good: its name and its objects go. */
const removeResource = resource.map((name) =>
  command(`remove ${name}`, async (world) => {
    const { resources, client, savedMetadata } = world.database()
    if (resources[name] === undefined) return
    await client.deleteAll({ prefix: `resource=${name}/` })
    delete resources[name]
    delete savedMetadata?.resources[name]
    await world.database().uploadMetadataFile()
  }),
)

const session = fc.record({ resource, grow: fc.boolean() }).map(({ resource, grow }) =>
  command(`session${grow ? `, ${resource} has more` : ''}`, async (world) => {
    await ensure(world.database(), resource)
    const known = Object.keys(world.database().resources[resource]?.attributes ?? {})
    const extra = known.filter((name) => name.startsWith('extra'))
    const more = [...extra, ...(grow ? [`extra${extra.length}`] : [])]
    await world.reconnect(grow ? { resource, attributes: attributes(more) } : undefined)
  }),
)

/** Some work on the database between two backups. */
const work = fc
  .array(fc.oneof(insert, insert, insert, change, change, drop, drop, count), { minLength: 1, maxLength: 8 })
  .map((steps) => {
    const name = `work (${steps.join(', ')})`
    return command(name, async (world, model) => {
      for (const step of steps) await step.run(model, world)
    })
  })

const selection = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  undefined,
  undefined,
  ['users'],
  ['orders', 'notes'],
)

const full = selection.map((chosen) =>
  command(`full ${chosen ?? ''}`, async (world, model) => {
    for (const name of chosen ?? []) await ensure(world.database(), name)
    await world.takeBackup(chosen === undefined ? {} : { resources: chosen })
    model.points += 1
  }),
)

const incremental = selection.map((chosen) =>
  command(`incremental ${chosen ?? ''}`, async (world, model) => {
    for (const name of chosen ?? []) await ensure(world.database(), name)
    const resources = chosen === undefined ? {} : { resources: chosen }
    await world.takeBackup({ incremental: { fullIfNeeded: true, maxChain: 6 }, ...resources })
    model.points += 1
  }),
)

const merge = fc.nat().map((which) =>
  command(
    'consolidate',
    async (world, model) => {
      const points = world.points()
      const point = points[points.length - 1 - (which % Math.min(2, points.length))]
      if (point !== undefined) await world.consolidate(point)
      model.points += 1
    },
    ({ points }) => points > 0,
  ),
)

const prune = fc.nat().map((which) =>
  command(
    'remove a leaf',
    async (world, model) => {
      if (await world.removeLeaf(which)) model.points -= 1
    },
    ({ points }) => points > 1,
  ),
)

/** Everything that may happen; what usually happens more often than the rest. */
export const commands = [
  work,
  work,
  work,
  work,
  incremental,
  incremental,
  incremental,
  incremental,
  full,
  session,
  removeResource,
  merge,
  prune,
]
