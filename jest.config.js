export default {
  testEnvironment: 'node',
  rootDir: '.',
  // What takes too long for every run is not skipped in it but asked for by itself: `npm run test:mutations` runs the mutants.
  testMatch: [process.env.MUTATIONS ? '<rootDir>/test/**/*.nightly.ts' : '<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.tributary'],
  // A net only: what waits has a deadline of its own that says what it saw, and that grows on a loaded machine. Were the net as near as that
  // deadline, a test that hangs at a load of 30 would end without a word of what it waited for.
  testTimeout: 1_800_000,
}
