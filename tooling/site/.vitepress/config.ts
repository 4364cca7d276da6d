import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitepress'
import { anchorOf, baseIn } from '../links.ts'
import type { Section } from '../sources.ts'
import type { Outline } from '../write.ts'

const outline: Outline = JSON.parse(readFileSync(new URL('../.pages/outline.json', import.meta.url), 'utf8'))
const inSection = (section: Section, collapsed: boolean) => ({
  text: section,
  collapsed,
  items: outline.pages
    .filter((page) => page.section === section)
    .map(({ title, page }) => ({ text: title, link: `/${page}` })),
})

export default defineConfig({
  lang: 'en',
  title: 's3db-backup',
  description: 'Backups of s3db.js databases that restore',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: '.cache',
  base: baseIn(process.env),
  ignoreDeadLinks: false,
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  // No icon, so that browsers do not ask for one.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: { anchor: { slugify: anchorOf } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guides', link: '/guides/first-backup-to-s3', activeMatch: '^/guides/' },
      { text: 'Reference', link: '/reference/commands', activeMatch: '^/(reference|packages|api)/' },
      { text: 'Decisions', link: '/decisions/', activeMatch: '^/decisions/' },
      { text: 'Figures', link: '/project/figures' },
      { text: 'Trust', link: '/project/trust' },
    ],
    sidebar: [
      inSection('Guides', false),
      inSection('Reference', false),
      inSection('Packages', true),
      inSection('API', true),
      inSection('Decisions', true),
      inSection('Project', false),
    ],
    ...(outline.repository === undefined
      ? {}
      : { socialLinks: [{ icon: 'github', link: outline.repository }] }),
  },
})
