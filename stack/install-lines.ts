export type Tool = 'java' | 'maven'

export interface InstallLines {
  readonly debian: string
  readonly fedora: string
  readonly macos: string
}

/** One line per system that installs all of these. Debian 12 packages no Java newer than 17: with pip a runtime is fetched instead, on every release. */
export function installLines(tools: readonly Tool[]): InstallLines | null {
  if (tools.length === 0) return null
  const line = (command: string, system: keyof InstallLines): string => `${command} ${tools.map(tool => packages[tool][system]).join(' ')}`
  return {
    debian: line('sudo apt-get install -y', 'debian'),
    fedora: line('sudo dnf install -y', 'fedora'),
    macos: line('brew install', 'macos'),
  }
}

const packages: Readonly<Record<Tool, InstallLines>> = {
  java: { debian: 'python3-pip', fedora: 'java-latest-openjdk-headless', macos: 'openjdk' },
  maven: { debian: 'maven', fedora: 'maven', macos: 'maven' },
}
