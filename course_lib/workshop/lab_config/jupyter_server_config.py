"""Answers to a slider are sent at once: by default TCP holds small ones back for some 40 ms."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Prompt(ZMQChannelsWebsocketConnection):
    """A connection to the browser without Nagle's algorithm."""

    def connect(self):
        """Connect as always, after switching the delay off."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = Prompt  # noqa: F821 - traitlets provides c
