// What modules add to the shell.
import type { InjectionKey } from 'vue'
import type { ConsoleModule } from '../module'

export const modulesKey: InjectionKey<ConsoleModule[]> = Symbol('modules')
