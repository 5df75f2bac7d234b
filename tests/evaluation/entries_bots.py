"""Discord, Telegram, Slack: a message is a request; ``setup_hook`` and ``post_init`` are not."""

import asyncio

import discord
from discord.ext import commands
from slack_bolt.async_app import AsyncApp
from telegram import Update
from telegram.ext import Application, CommandHandler


async def loop() -> None:
    while True:
        await asyncio.sleep(1)


class Moderator(discord.Client):
    async def setup_hook(self) -> None:
        """Start-up: nothing to report."""
        self.sweeper = asyncio.create_task(loop())

    async def on_message(self, message: discord.Message) -> None:
        self.watcher = self.loop.create_task(loop())  # error: CTX101


bot = commands.Bot(command_prefix="!")


@bot.command()
async def play(ctx: commands.Context) -> None:
    bot.player = asyncio.create_task(loop())  # error: CTX101


@bot.event
async def on_member_join(member: discord.Member) -> None:
    bot.greeter = asyncio.create_task(loop())  # error: CTX101


class Music(commands.Cog):
    async def cog_load(self) -> None:
        """Start-up: nothing to report."""
        self.cleaner = asyncio.create_task(loop())

    @commands.Cog.listener()
    async def on_voice_state_update(self, member, before, after) -> None:
        self.voice = asyncio.create_task(loop())  # error: CTX101


slack = AsyncApp()


@slack.event("app_mention")
async def mentioned(event, say) -> None:
    asyncio.create_task(loop())  # error: CTX101


@slack.action("approve")
async def approve(ack) -> None:
    """Finite: nothing to report."""
    asyncio.create_task(ack())


async def remind(update: Update, context) -> None:
    context.bot_data["task"] = asyncio.create_task(loop())  # error: CTX101


async def post_init(application: Application) -> None:
    """Start-up: nothing to report."""
    application.bot_data["task"] = asyncio.create_task(loop())


def main() -> None:
    telegram = Application.builder().token("").post_init(post_init).build()
    telegram.add_handler(CommandHandler("remind", remind))
    telegram.run_polling()


if __name__ == "__main__":
    main()
