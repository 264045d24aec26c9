export { parseCoordinatorConfig } from './config.ts';
export type { CoordinatorConfig } from './config.ts';
export { startCoordinator } from './coordinator.ts';
export type { Coordinator, CoordinatorOptions } from './coordinator.ts';
export type { CoordinatorStatus, NodeStatus, PendingJobStatus } from './status.ts';
export { main as coordinatorMain } from './main.ts';
