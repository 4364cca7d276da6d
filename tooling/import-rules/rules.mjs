// Which module may import which. Each rule states its reason; rules.test.ts shows that each one fires.

/** For each package of ours, the packages of ours that its sources may import. */
export const mayImport = {
  core: {
    of: [],
    because: 'core is the format: it knows no driver, no database and no place to keep bytes.',
  },
  'driver-filesystem': {
    of: ['core'],
    because: 'a driver implements core’s port and can be installed alone.',
  },
  'driver-s3': { of: ['core'], because: 'a driver implements core’s port and can be installed alone.' },
  'driver-multi': { of: ['core'], because: 'it receives other drivers as values, whoever wrote them.' },
  'driver-testkit': { of: ['core'], because: 'the contract holds for every driver, so it knows none.' },
  'create-driver': {
    of: [],
    because: 'it writes files; whoever makes a driver installs the rest afterwards.',
  },
  'format-conformance': {
    of: [],
    because: 'it is files for readers in any language; it has no code of its own.',
  },
  retention: { of: ['core'], because: 'a plan is a pure function of backups, policy and time.' },
  encryption: {
    of: ['core'],
    because: 'it is a codec like any other; core must not depend on its choice of library.',
  },
  s3db: {
    of: ['core'],
    because: 'it is one source and target among others: a database is read and written without any plugin.',
  },
  query: { of: ['core'], because: 'it reads backups of any source, where there is no database any more.' },
  shards: {
    of: ['core'],
    because: 'it spreads shards over processes, whatever they are of and wherever they go.',
  },
  'shards-bullmq': {
    of: ['core', 'shards'],
    because: 'it is one engine among others; those who use another need neither BullMQ nor Redis.',
  },
  'plugin-adapter': {
    of: ['core', 'retention', 's3db'],
    because: 'it is the life of a plugin; which drivers and keys are used is decided in apps/plugin.',
  },
  plugin: {
    of: [
      'core',
      'driver-filesystem',
      'driver-multi',
      'driver-s3',
      'encryption',
      'plugin-adapter',
      'query',
      'retention',
      's3db',
    ],
    because: 'it assembles the packages; the command line and the test kit stand above and beside it.',
  },
  cli: {
    of: [
      'core',
      'driver-filesystem',
      'driver-multi',
      'driver-s3',
      'driver-testkit',
      'encryption',
      'plugin',
      'plugin-adapter',
      'query',
      'retention',
      's3db',
      'shards',
      'shards-bullmq',
      'ui',
    ],
    because: 'nothing stands above the command line.',
  },
  ui: {
    of: ['core', 'plugin', 'plugin-adapter', 'query'],
    because:
      'it shows what the plugin does, as the command line does, which loads it only when it is asked for.',
  },
}

/** The rooms of core, the ground floor first, as ARCHITECTURE.md lists them. A room imports only from the floors below it. */
export const coreFloors = [
  ['streams', 'secrets'],
  ['ports'],
  ['codecs'],
  ['format'],
  ['inventory'],
  ['chain'],
  ['leases', 'read', 'salvage', 'verify'],
  ['backup', 'restore', 'deletion'],
  ['shards'],
]

const either = (names) => `(${names.join('|')})`
const tests = '(\\.test\\.ts$|/test/)'
const sourcesOf = (names) => `^(packages|apps)/${either(names)}/src/`
const npm = (name) => `(^|node_modules/)${name}(/|$)`

const direction = Object.entries(mayImport).map(([name, { of, because }]) => ({
  name: `${name}-imports`,
  comment: `${name} may import ${of.length ? of.join(', ') : 'no package of ours'}: ${because}`,
  severity: 'error',
  from: { path: sourcesOf([name]), pathNot: tests },
  to: { path: '^(packages|apps)/', pathNot: `^(packages|apps)/${either([name, ...of])}/` },
}))

const inCore = (rooms) => `^packages/core/src/${either(rooms)}/`

const floors = coreFloors.flatMap((rooms, floor) =>
  rooms.map((room) => ({
    name: 'core-floors',
    comment: `Data flows one way through core: ${room} imports from the floors below it alone.`,
    severity: 'error',
    from: { path: inCore([room]), pathNot: tests },
    to: {
      path: inCore(
        coreFloors
          .slice(floor)
          .flat()
          .filter((other) => other !== room),
      ),
    },
  })),
)

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...direction,
    ...floors,
    {
      name: 'core-only-zod',
      comment: 'core depends on Node and zod alone, so that a backup stays readable whatever else changes.',
      severity: 'error',
      from: { path: sourcesOf(['core']), pathNot: tests },
      to: {
        pathNot: npm('zod'),
        dependencyTypes: [
          'npm',
          'npm-dev',
          'npm-peer',
          'npm-optional',
          'npm-no-pkg',
          'npm-unknown',
          'unknown',
        ],
      },
    },
    {
      name: 'core-no-outside-world',
      comment: 'core reaches bytes and records through its ports only: no files, no network, no processes.',
      severity: 'error',
      from: { path: sourcesOf(['core']), pathNot: tests },
      to: { path: '^(node:)?(http|https|http2|net|tls|dgram|dns|child_process|cluster)(/|$)' },
    },
    {
      name: 'files-in-their-place',
      comment:
        'Only the file driver, the reader of file:// databases, the private folder of queries, the maker of a new driver and the apps touch files; the rest works with any driver. The certificates that AWS_CA_BUNDLE names are in a file.',
      severity: 'error',
      from: {
        path: '^packages/[^/]+/src/',
        pathNot: [
          tests,
          sourcesOf(['driver-filesystem', 'query', 's3db', 'create-driver']),
          '^packages/driver-s3/src/connection/ca-bundle\\.ts$',
        ],
      },
      to: { path: '^(node:)?fs(/|$)' },
    },
    {
      name: 'aws-sdk-in-driver-s3',
      comment: 'Those who keep backups elsewhere must not have to install the AWS SDK.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: [tests, sourcesOf(['driver-s3'])] },
      to: { path: npm('@aws-sdk') },
    },
    {
      name: 'bullmq-in-its-package',
      comment: 'BullMQ and Redis are for those who choose them: no other package loads them.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: [tests, sourcesOf(['shards-bullmq'])] },
      to: { path: npm('(bullmq|ioredis)') },
    },
    {
      name: 'duckdb-in-query',
      comment: 'DuckDB is large and runs the SQL of strangers: only the process of a query loads it.',
      severity: 'error',
      from: {
        path: '^(packages|apps)/[^/]+/src/',
        pathNot: [tests, '^packages/query/src/(query-process\\.ts$|process/)'],
      },
      to: { path: npm('@duckdb') },
    },
    {
      name: 'the-page-in-ui',
      comment: 'What serves and draws the page is loaded by nobody who does not look at it.',
      severity: 'error',
      from: { path: '^(packages|apps)/[^/]+/src/', pathNot: [tests, sourcesOf(['ui'])] },
      to: { path: npm('(hono|@hono|preact|uplot|@picocss)') },
    },
    {
      name: 's3db-in-its-place',
      comment:
        'A backup outlives its database: only its source and target, the plugin and the command line know s3db.js.',
      severity: 'error',
      from: {
        path: '^(packages|apps)/[^/]+/src/',
        pathNot: [tests, sourcesOf(['s3db', 'plugin-adapter', 'cli'])],
      },
      to: { path: npm('s3db\\.js') },
    },
    {
      name: 's3db-types-only',
      comment: 'Both are handed a database; loading a second copy of s3db.js beside it would break identity.',
      severity: 'error',
      from: { path: sourcesOf(['s3db', 'plugin-adapter']), pathNot: tests },
      to: { path: npm('s3db\\.js'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'enter-by-name',
      comment:
        'A package is what its index exports, and to our own packages its internal too. A path into its src would not exist for those who install it.',
      severity: 'error',
      from: { path: '^(packages|apps)/([^/]+)/' },
      to: { path: '^(packages|apps)/', pathNot: '^$1/$2/', dependencyTypesNot: ['aliased'] },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea in two places; types count too.',
      severity: 'error',
      from: { path: '^(packages|apps)/' },
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment:
        'An import that leads nowhere escapes every other rule, and fails for those who install the package.',
      severity: 'error',
      from: { path: '^(packages|apps)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(packages|apps)/[^/]+/(dist/|fixtures/|template/|tsup\\.config\\.ts$)' }, // not the dist of others
    tsPreCompilationDeps: true, // sees `import type` as well
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['import', 'node', 'types', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.json', '.d.ts'],
    },
  },
}
