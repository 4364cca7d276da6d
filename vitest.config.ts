import { defineConfig } from 'vitest/config'
import { tests } from './tooling/test/vitest.preset.ts'

export default defineConfig(tests)
