"""What the course asks of JupyterLab and cannot say in JSON."""

from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class Prompt(ZMQChannelsWebsocketConnection):
    """A connection to the browser without Nagle's algorithm, which holds small answers to a slider back for 40 ms."""

    def connect(self):
        """Connect as always, after switching the delay off."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


c.ServerApp.kernel_websocket_connection_class = Prompt  # noqa: F821 - traitlets provides c
c.LabApp.extra_labextensions_path = [str(Path(__file__).with_name("labextensions"))]  # noqa: F821
