export type { SecretsOption } from './attributes.js'
export {
  formOf,
  type HookEntry,
  type ResourceLike,
  type StoredFormDefinition,
  storedFormSchema,
} from './form.js'
export type { Missing } from './rekey.js'
export { type StoredForm, type StoredFormOptions, storedForm } from './stored-form.js'
export type { StoredObject } from './stored-object.js'
