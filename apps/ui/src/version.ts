declare const __PACKAGE_VERSION__: string | undefined

/** Of this package; in its sources there is none yet. */
export const version = typeof __PACKAGE_VERSION__ === 'string' ? __PACKAGE_VERSION__ : '0.0.0-source'
