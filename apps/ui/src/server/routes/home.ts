import type { Hono } from 'hono'
import * as z from 'zod'
import { about } from '../../api/about.js'
import { home } from '../../api/home.js'
import { version } from '../../version.js'
import { answer, queryOf } from '../answer.js'
import type { Page } from '../page.js'
import { homeView } from '../views/home-view.js'
import { listed } from '../views/listed.js'
import { scheduleLines } from '../views/schedule-lines.js'
import type { Visit } from '../visit.js'
import { wanted } from '../wanted.js'

/** `known`: the last known state, so that there is something to show at once. */
const homeQuery = z.object({ known: z.literal('1').optional() })

/** What the first screen shows, and whose backups these are. */
export function homeRoutes(app: Hono<Visit>, page: Page): void {
  const { plugin, redactor } = page
  const current = (signal: AbortSignal) => Promise.all([page.overview.now(), page.drills.now(signal)])
  // A destination that does not answer must not keep back what is known.
  const lastKnown = async (signal: AbortSignal) => {
    const seen = await page.overview.known()
    return [seen, await page.drills[seen.fresh ? 'now' : 'known'](signal)] as const
  }

  app.get('/api/about', (context) =>
    answer(context, redactor, about, {
      version,
      writes: page.allowWrites,
      place: plugin.driver.getStorageInfo().path,
      placeOptions: page.placeOptions,
      database: page.database?.label ?? null,
      operator: context.get('operator').name,
    }),
  )

  app.get('/api/home', async (context) => {
    const { known } = queryOf(context, homeQuery)
    const signal = wanted(context, page)
    const [seen, drills] = known === undefined ? await current(signal) : await lastKnown(signal)
    const now = new Date()
    const running = page.jobs.list().flatMap(({ state, title }) => (state === 'running' ? [title] : []))
    const schedule = scheduleLines(plugin, now)
    return answer(context, redactor, home, {
      ...homeView({ ...{ backups: listed(seen.overview), drills, schedule, now, running }, gone: seen.gone }),
      ...{ lookedAt: new Date(seen.at).toISOString(), fresh: seen.fresh },
    })
  })
}
