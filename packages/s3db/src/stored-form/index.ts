export { formOf, type StoredFormDefinition, storedFormSchema } from './form.js'
export { type StoredForm, storedForm } from './stored-form.js'
export type { StoredObject } from './stored-object.js'
