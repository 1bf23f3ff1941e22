export function slowest(reports: string, root: string): string[]
