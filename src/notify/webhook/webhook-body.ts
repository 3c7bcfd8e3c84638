import { composeMessage } from '../message/compose-message.ts';
import type { Notification } from '../notification.ts';
import { discordMessage } from './discord-message.ts';
import { payload } from './payload.ts';
import { slackMessage } from './slack-message.ts';
import { teamsMessage } from './teams-message.ts';
import type { WebhookPreset } from './webhook-target.ts';

/** The JSON to post. Pure: to be made anew, or kept, for each attempt. */
export function webhookBody(notification: Notification, preset: WebhookPreset): string {
  switch (preset) {
    case 'crashmon':
      return JSON.stringify(payload(notification));
    case 'slack':
      return JSON.stringify(slackMessage(composeMessage(notification)));
    case 'teams':
      return JSON.stringify(teamsMessage(composeMessage(notification)));
    case 'discord':
      return JSON.stringify(discordMessage(composeMessage(notification)));
  }
}
