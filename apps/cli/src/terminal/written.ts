import type { EventEmitter } from 'node:events'
import * as z from 'zod'
import type { StoppedWork } from '../session.js'
import { count, counted } from './units.js'

const restoredSchema = z.looseObject({
  resource: z.string(),
  restored: z.number(),
  replaced: z.number(),
  skipped: z.number(),
})
const progressSchema = z.looseObject({
  resource: z.string(),
  selected: z.number(),
  expected: z.number().optional(),
})
const startSchema = z.looseObject({ resources: z.array(z.string()) })

/** Counts the records that a restore has written, for the report if it is stopped. */
export function watchWritten(plugin: EventEmitter): {
  soFar(suggestion: string): StoppedWork
  stop(): void
} {
  let planned: readonly string[] = []
  const whole = new Map<string, z.output<typeof restoredSchema>>()
  const inPart = new Map<string, z.output<typeof progressSchema>>()
  const listeners = {
    'plg:backup:restore-start': (payload: unknown) => {
      planned = startSchema.parse(payload).resources
    },
    'plg:backup:restore-progress': (payload: unknown) => {
      const step = progressSchema.parse(payload)
      inPart.set(step.resource, step)
    },
    'plg:backup:restore-resource': (payload: unknown) => {
      const done = restoredSchema.parse(payload)
      whole.set(done.resource, done)
      inPart.delete(done.resource)
    },
  }
  for (const [event, listener] of Object.entries(listeners)) plugin.on(event, listener)
  return {
    soFar(suggestion) {
      const begun = [...inPart.values()].filter(({ resource }) => planned.includes(resource))
      const untouched = planned.filter((name) => !whole.has(name) && !inPart.has(name))
      const done = [
        ...[...whole.values()].map(
          ({ resource, restored, replaced, skipped }) =>
            `${resource} is complete: ${counted(restored + replaced, 'record')} written, ${count(skipped)} kept`,
        ),
        ...begun.map(
          ({ resource, selected, expected }) =>
            `${resource} is partly written: up to ${count(selected)}${expected === undefined ? '' : ` of ${count(expected)}`} records`,
        ),
        ...(untouched.length === 0 ? [] : [`Not started: ${untouched.join(', ')}`]),
      ]
      return {
        done: planned.length === 0 ? ['Nothing was written'] : done,
        details: {
          whole: [...whole.keys()],
          inPart: Object.fromEntries(begun.map(({ resource, selected }) => [resource, selected])),
          notBegun: untouched,
        },
        suggestion,
      }
    },
    stop() {
      for (const [event, listener] of Object.entries(listeners)) plugin.off(event, listener)
    },
  }
}
