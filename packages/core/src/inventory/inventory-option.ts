import * as z from 'zod'
import { isObject } from '../options.js'
import type { Inventory } from './inventory.js'

/** An inventory to decide by. One that was taken with a cache may show what is there no more. */
export const inventorySchema = z
  .custom<Inventory>(isObject, 'must be an inventory')
  .refine(({ forDisplay }) => !forDisplay, 'an inventory with a cache is for displays; take one without')
