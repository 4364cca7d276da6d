/** The version of this package, for reports. Set when the package is built. */
declare const __PACKAGE_VERSION__: string | undefined

export const version: string = typeof __PACKAGE_VERSION__ === 'string' ? __PACKAGE_VERSION__ : '0.0.0-source'
