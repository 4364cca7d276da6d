declare const __PACKAGE_VERSION__: string | undefined

/** The version of this package; its sources have none yet. */
export const version = typeof __PACKAGE_VERSION__ === 'string' ? __PACKAGE_VERSION__ : '0.0.0-source'
