import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import type { PageServer } from '../src/index.js'

/** Debian's, or the one that CHROMIUM names. Nothing is downloaded. */
export const executablePath = [process.env.CHROMIUM ?? '', '/usr/bin/chromium'].find(
  (path) => path !== '' && existsSync(path),
)

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
}

/** Where pictures go, for people to look at. */
const pictures = process.env.UI_PICTURES ?? join(import.meta.dirname, '../dist/pictures')

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What the browser complains of, but for answers that a test asks for. */
export function complaints(page: Page): string[] {
  const heard: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') heard.push(message.text())
  })
  page.on('pageerror', (error) => heard.push(String(error)))
  return heard
}

/** The policy of the page keeps Playwright's own waiting out, too: it is asked again and again instead. */
export async function becomes(page: Page, expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression)).toBe(true)
}

export interface OpenedPage {
  readonly page: Page
  /** What the browser complained of. */
  readonly heard: string[]
  /** Goes to an address of the page, and waits until nothing is read any more. */
  readonly at: (path: string) => Promise<void>
}

/** A browser of its own that came by the link. Closed after the test. */
export async function openedPage(browser: Browser | undefined, server: PageServer): Promise<OpenedPage> {
  const context = await browser?.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
  })
  if (context === undefined) throw new Error('there is no browser')
  onTestFinished(() => context.close())
  const page = await context.newPage()
  page.setDefaultTimeout(60_000)
  const heard = complaints(page)
  await page.goto(server.link())
  await page.waitForSelector('h1:has-text("Can I restore?")')
  const at = async (path: string) => {
    await page.goto(server.url + path)
    await page.waitForSelector('.foot')
    await becomes(page, '!document.querySelector("main").innerText.includes("Reading…")')
  }
  return { page, heard, at }
}

/** Presses Tab until the focus is on what is wanted, an expression about the element. */
export async function tabTo(page: Page, wanted: string): Promise<void> {
  for (let presses = 0; presses < 120; presses++) {
    if ((await page.evaluate(`Boolean(document.activeElement.${wanted})`)) === true) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`no Tab leads to what has ${wanted}`)
}

const looks = [
  { width: 1280, height: 900, colorScheme: 'light' },
  { width: 1280, height: 900, colorScheme: 'dark' },
  { width: 360, height: 780, colorScheme: 'light' },
  { width: 360, height: 780, colorScheme: 'dark' },
  { width: 3840, height: 2160, colorScheme: 'light' },
] as const

/** Takes pictures, narrow, wide and of 4K, light and dark, and holds each against the rules of accessibility. */
export async function lookAt(page: Page, name: string): Promise<void> {
  mkdirSync(pictures, { recursive: true })
  for (const { width, height, colorScheme } of looks) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize({ width, height })
    await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    const wide = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect([name, width, Number(wide) <= 0]).toEqual([name, width, true])
    // The layout rules are the same at any sufficiently large size.
    if (width > 2000) continue
    await page.evaluate(axe)
    const found = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))',
    )
    expect([name, width, colorScheme, found]).toEqual([name, width, colorScheme, []])
  }
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.emulateMedia({ colorScheme: 'light' })
}
