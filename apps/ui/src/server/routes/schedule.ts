import type { Hono } from 'hono'
import * as z from 'zod'
import { keptDrill, scheduleAndLog } from '../../api/schedule.js'
import { answer, queryOf } from '../answer.js'
import { saysGone } from '../known-overview.js'
import type { Page } from '../page.js'
import { keptDrillView } from '../views/kept-drill.js'
import { listed } from '../views/listed.js'
import { scheduleLines } from '../views/schedule-lines.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

const runsShown = 100
const drillsShown = 100

const oneReport = z.object({ key: z.string().max(200) })

/** Next and past runs, drills, and what happened in this process. */
export function scheduleRoutes(app: Hono<Visit>, page: Page): void {
  const { plugin, redactor, log, following, overview, notified } = page
  app.get('/api/schedule', async (context) => {
    const now = new Date()
    const [{ overview: here, gone }, drills] = await Promise.all([
      overview.now(),
      page.drills.now(wanted(context, page)),
    ])
    const runs = listed(here)
      .filter(({ at }) => at !== null)
      .sort((a, b) => (b.at ?? '').localeCompare(a.at ?? ''))
      .slice(0, runsShown)
    return answer(context, redactor, scheduleAndLog, {
      now: now.toISOString(),
      gone: saysGone(gone),
      following,
      lines: scheduleLines(plugin, now).map(({ previous, next, ...line }) => ({
        ...line,
        previous: previous?.toISOString() ?? null,
        next: next?.toISOString() ?? null,
      })),
      runs: runs.map(({ id, type, at, state, tags, why }) => ({
        ...{ id, type, at, state, why },
        schedule: tags.schedule ?? null,
      })),
      drills: drills.slice(0, drillsShown).map(({ startedAt, ok, key }) => ({ at: startedAt, ok, key })),
      notified: (notified?.() ?? []).map((line) => ({ ...line })),
      notifies: notified !== undefined,
      log: [...log.lines()],
    })
  })

  app.get('/api/drill', async (context) => {
    const { key } = queryOf(context, oneReport)
    return answer(
      context,
      redactor,
      keptDrill,
      keptDrillView(key, await plugin.drills.read(key, { signal: wanted(context, page) })),
    )
  })
}
