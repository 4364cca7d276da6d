export {
  type FilesystemDriver,
  type FilesystemOptions,
  filesystem,
  parseFilesystemOptions,
} from './filesystem.js'
export { sweep } from './sweep.js'
