export { type FilesystemOptions, filesystem } from './filesystem.js'
export { sweep } from './sweep.js'
