/** Without it, as in most containers, a JVM on Linux cannot open a folder whose name has a letter outside ASCII. */
export const unicode = { LC_ALL: 'C.UTF-8' } as const
